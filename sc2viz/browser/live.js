// The page to take away (live_page.py).
import { takeAway } from "./takeaway.js";

export const start = (root, given) => takeAway(root, given);
