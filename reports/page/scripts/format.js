// Numbers as people read them; the same as wording.py writes.
const SPACE = "\u00a0";

const count = (number) => number.toLocaleString("en");

const counted = (number, one, many = `${one}s`) => `${count(number)}${SPACE}${number === 1 ? one : many}`;

const percent = (share, digits = 1) =>
  share == null ? "unknown" : `${(100 * share).toFixed(digits)}${SPACE}%`;

const shorten = (text, letters) => (text.length > letters ? `${text.slice(0, letters - 1)}…` : text);
