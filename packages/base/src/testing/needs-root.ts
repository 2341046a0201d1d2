/**
 * For a test of what only root can do, or a file of such tests: for anybody else it fails and says what to type, since a
 * skipped test proves nothing.
 */
export function needsRoot(): void {
  if (process.getuid?.() !== 0) throw new Error('This test needs root; type: sudo npm test')
}
