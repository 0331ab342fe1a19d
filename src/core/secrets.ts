/** A shorter value is a part of any word: hiding it hides the words, and says what it is. */
export const LEAST_SECRET_CHARS = 8;
