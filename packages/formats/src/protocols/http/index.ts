import type { ProtocolParser } from '../protocol-parser.ts'
import { HttpSession } from './http-session.ts'
import { looksLikeRequest, looksLikeResponse } from './recognise.ts'

/** HTTP/1 (RFC 9112): requests and their responses, without their bodies. */
export const httpParser: ProtocolParser = {
  name: 'http',
  transports: ['tcp'],
  ports: [80, 8080, 8000, 8008, 3128],
  recognise: (speaker, head) => (speaker === 'client' ? looksLikeRequest(head) : looksLikeResponse(head)),
  open: () => new HttpSession(),
}
