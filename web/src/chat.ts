/** The script of the page: defines the elements. */

import "./ui/company-chat.js";
