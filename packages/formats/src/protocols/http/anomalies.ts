/**
 * What is not as RFC 9112 has it. Two programs that read such a message differently can be played off against each other
 * (request smuggling, evasion), so each is told.
 */
export type HttpAnomaly =
  | 'bad-chunk'
  | 'bad-content-length'
  | 'bad-request-line'
  | 'bad-status-line'
  | 'bare-lf'
  | 'both-lengths'
  | 'chunk-extension'
  | 'chunked-1.0'
  | 'folded-header'
  | 'gap'
  | 'host-mismatch'
  | 'http-0.9'
  | 'long-headers'
  | 'long-line'
  | 'many-headers'
  | 'multiple-content-length'
  | 'multiple-host'
  | 'no-colon'
  | 'no-host'
  | 'nul'
  | 'pipelined'
  | 'space-before-colon'
  | 'unfinished'
  | 'unknown-transfer-encoding'
