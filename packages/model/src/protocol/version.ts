/**
 * Versions of the protocol that this code speaks, the best one last. Agent and server may be one version apart, either way.
 * 1: everything is JSON text. 2: batches are binary frames (`batch-frame.ts`), and the server grants a window.
 * 3: the server assigns settings and content, which the agent fetches, and tells what became of them.
 */
export const PROTOCOL_VERSIONS = [1, 2, 3] as const

export type ProtocolVersion = (typeof PROTOCOL_VERSIONS)[number]

/** `hello` is written as the oldest version has it, since nothing is agreed yet. */
export const HELLO_VERSION = PROTOCOL_VERSIONS[0]

/** The best version that both speak, or nothing when there is none. */
export function pickVersion(offered: readonly number[]): ProtocolVersion | undefined {
  return PROTOCOL_VERSIONS.findLast((version) => offered.includes(version))
}
