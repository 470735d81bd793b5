// Which texts can be secrets and tokens, by the rules of the Worker (src/contracts/operator/settings/keys.rs).

/** The Worker uses no more keys of a setting than this. */
const MAX_KEYS = 5;
const MIN_TOKEN_LENGTH = 16;
const MIN_LINK_SECRET_LENGTH = 32;

const keysIn = (text) => [...new Set(text.split(/\p{White_Space}+/u).filter(Boolean))];

const isQuoted = (text) => /^(?:"[^]*"|'[^]*'|`[^]*`|<[^]*>)[,;]*$/.test(text);

/** Whether a text has quotes, commas, the setting's name or other characters that do not belong to a key. */
export function isPastedBadly(name, text) {
  const isNoKey = (key) =>
    isQuoted(key) ||
    !/^[\x21-\x7e]*$/.test(key) ||
    /^\*+$/.test(key) ||
    /^(?:\{"|\$\{|https?:\/\/)/.test(key) ||
    new RegExp(`^${name}(?:[=:]|$)`).test(key);
  return (
    isQuoted(text.trim()) || /[,;]\p{White_Space}+\S/u.test(text) || keysIn(text).some(isNoKey)
  );
}

const PASTED_BADLY =
  "This seems to have been pasted badly: with quotes, with its name, or with an invisible character. Paste it again without them.";

/** What is wrong with the text of a setting that holds several keys; undefined if nothing is. */
export function keysError(name, text) {
  if (isPastedBadly(name, text)) return PASTED_BADLY;
  if (keysIn(text).length > MAX_KEYS) return `Enter at most ${MAX_KEYS}, separated by spaces.`;
  return undefined;
}

/** The same for tokens, which must not be short. */
export function tokensError(name, text) {
  const isLong = (key) => key.length >= MIN_TOKEN_LENGTH;
  const keys = keysIn(text);
  if (keys.length === 0 || !keys.every(isLong))
    return `Enter at least ${MIN_TOKEN_LENGTH} characters.`;
  return keysError(name, text);
}

/** The same for secrets that sign links, which must be longer. */
export function linkSecretsError(name, text) {
  const keys = keysIn(text);
  if (keys.length === 0 || !keys.every((key) => key.length >= MIN_LINK_SECRET_LENGTH))
    return `Enter at least ${MIN_LINK_SECRET_LENGTH} characters.`;
  return keysError(name, text);
}

/** The same for a setting that holds one key. */
export const keyError = (name, text) =>
  keysIn(text).length > 1 || isPastedBadly(name, text) ? PASTED_BADLY : undefined;
