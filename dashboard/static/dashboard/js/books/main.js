// The page of one account: its ledger, its checks, and how it starts over or ends. The parts renew themselves.
import { watchLists } from "../lib/lists.js";
import { watchChecks } from "./checks.js";
import { watchEndings } from "./endings.js";

const page = document.getElementById("books");
watchLists(page);
watchChecks(page);
watchEndings(page);
