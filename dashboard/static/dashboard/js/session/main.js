// The page of one session: its buttons, its lists, its chart. The parts renew themselves, see live.js.
import { watchLists } from "../lib/lists.js";
import { showChart } from "./chart.js";
import { watchSteering } from "./steering.js";
import { watchUntil } from "./until.js";
import { keepVerdicts } from "./verify.js";
import { watchWhy } from "./why.js";

const page = document.getElementById("session");
watchLists(page);
watchSteering(page);
keepVerdicts(page);
watchUntil(page);
watchWhy(page);
const canvas = document.getElementById("chart-canvas");
if (canvas !== null) showChart(canvas, page.dataset.session);
