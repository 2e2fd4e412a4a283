import { startSessions } from "./sessions.js";
import { startTokens } from "./tokens.js";
import { startWallets } from "./wallets.js";

startWallets();
startSessions();
startTokens();
// Until now a press would have done nothing, or sent a form the old way.
document.getElementById("cards").inert = false;
