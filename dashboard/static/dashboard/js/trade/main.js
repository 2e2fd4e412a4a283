// The page of one trade: computing its receipts again, and the picture of its position.
import { watchCards } from "../card/card.js";
import { watchVerify } from "./verify.js";

// What the reader opened stays open when a part is renewed around it.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.localName === "details");

watchVerify(document.getElementById("trade").dataset.trade);
watchCards();
