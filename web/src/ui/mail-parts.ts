/** The parts that show mail, which are loaded when they are wanted first. */

import "./communication-list.js";
import "./mail-view.js";
import "./search-results.js";
