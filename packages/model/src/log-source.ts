/**
 * Where a record comes from, in the words of Sigma's taxonomy (specification 2.1, `logsource`). What is left out is not
 * known: a rule concerns a record unless both name a part and name it differently.
 */
export interface LogSource {
  /** `windows`, `linux`, `zeek`, `cisco`, ... */
  readonly product?: string | undefined
  /** `process_creation`, `dns_query`, ... */
  readonly category?: string | undefined
  /** `security`, `sshd`, `auditd`, ... */
  readonly service?: string | undefined
}
