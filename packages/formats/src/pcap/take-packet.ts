/**
 * Takes one packet of a capture. It lies in `bytes` from `start` up to `end` and may be overwritten once the call returns.
 *
 * @param wireLength bytes that it had on the wire; more than are there where the capture was told to cut packets
 * @param linkType what it begins with, as listed at tcpdump.org/linktypes.html
 * @param timeMs milliseconds since the epoch; fractions are microseconds
 */
export type TakePacket = (
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  linkType: number,
  timeMs: number,
) => void

/** What a file format of captures is read with. `CaptureReader` chooses it and keeps what is left between two pushes. */
export interface CaptureFormat {
  /**
   * Reads what stands whole between `start` and `end`.
   *
   * @param offset of `bytes[0]` in the file
   * @returns where it stopped: what is there, up to `end`, is given again with more behind it. Negative: nothing behind can
   *   be read.
   */
  read(bytes: Uint8Array, start: number, end: number, offset: number): number
  /** Bytes that the next call to `read` passes over unread. */
  skip: number
}

/** Told of bytes that cannot be what they should be. `offset`: bytes from the file's first byte. */
export type TellDamage = (offset: number, reason: string) => void

/** No link layer gives packets that are longer; tcpdump's own limit (pcap-common.h of libpcap). */
export const LONGEST_PACKET = 262_144
