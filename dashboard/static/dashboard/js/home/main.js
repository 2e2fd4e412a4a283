// The first page: its curve, and the walk for newcomers.
import { keepDrawn } from "../charts/keep_drawn.js";
import { watchWalk } from "./walk.js";

keepDrawn("curve", { falls: false });
watchWalk(document.getElementById("walk"), document.getElementById("part-walk"));
