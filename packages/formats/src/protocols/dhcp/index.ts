import type { ProtocolParser, ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { looksLikeDhcp, readDhcp } from './message.ts'

/** DHCP for IPv4, and the BOOTP that it grew from (RFC 2131, 951). */
export const dhcpParser: ProtocolParser = {
  name: 'dhcp',
  transports: ['udp'],
  ports: [67, 68],
  recognise: (_speaker, head) => (looksLikeDhcp(head) ? 'yes' : 'no'),
  open: () => new DhcpSession(),
}

class DhcpSession implements ProtocolSession {
  push(_speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    const dhcp = readDhcp(bytes)
    if (dhcp !== undefined) tell('dhcp', { dhcp }, timeMs)
    return 'more'
  }

  gap(): Wants {
    return 'more'
  }

  end(): void {
    // Each datagram was told at once.
  }
}
