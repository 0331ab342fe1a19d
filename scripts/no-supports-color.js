// Replaces chalk's `supports-color` in the bundle: the program determines itself whether a stream is coloured.
export default { stdout: false, stderr: false };
