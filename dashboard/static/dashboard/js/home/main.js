// The first page: its curve, the list of what has ended, and the walk for newcomers.
import { keepDrawn } from "../charts/keep_drawn.js";
import { watchLists } from "../lib/lists.js";
import { watchWalk } from "./walk.js";

watchLists(document.getElementById("main"));
keepDrawn("curve", { falls: false });
watchWalk(document.getElementById("walk"), document.getElementById("part-walk"));
