// The page of one trade: computing its receipts again, and the picture of its position.
import { watchCards } from "../card/card.js";
import { watchReading } from "./reading.js";
import { watchVerify } from "./verify.js";

watchVerify(document.getElementById("trade").dataset.trade);
watchCards();
watchReading();
