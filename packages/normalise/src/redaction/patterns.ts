/** What stands in place of a secret. */
export const REDACTED = '[redacted]'

/**
 * Cheap first look: whether a text can hold anything that the patterns below take out. Almost every command line ends
 * here.
 */
export const SUSPECT =
  /pass|pwd|secret|token|key|auth|cookie|bearer|credential|@|A[KS]IA|gh[pousr]_|github_pat|glpat|xox|sk[-_]|AIza|npm_|hf_|eyJ|hooks\.slack|hvs\.|GOCSPX|dop_v1|shpat_|SG\.[\w-]{16}/i

const VALUE = String.raw`("[^"]{0,1024}"|'[^']{0,1024}'|[^\s"'&;,|)<>]{1,4096})`
const NAME = String.raw`(?:(?<![a-z])pass|(?:db|user|root|admin|auth)_?pass|password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|auth[_-]?key|private[_-]?key|secret[_-]?key|account[_-]?key|credential)s?`

/** A long option that takes a secret; the name before the `=`. `--no-password` and `--password-file` are none. */
export const SECRET_OPTION = new RegExp(
  String.raw`^(?:--(?!no-|without-)[\w.-]{0,64}?|-(?:[\w.]{1,32}[-.])?)(?:${NAME}|pwd)$`,
  'i',
)

/** Name of a header, a variable or a key whose whole value is a secret. */
export const SECRET_NAME = new RegExp(
  String.raw`^(?:(?:proxy-)?authorization|(?:set-)?cookie2?|[\w.-]{0,128}?(?:${NAME}|_pwd|-auth))$`,
  'i',
)

/** What follows the first group of `pattern` is a secret. */
interface SecretPattern {
  /** Found quickly, and in every text that the pattern takes something out of. */
  readonly needs: RegExp
  readonly pattern: RegExp
}

/** Everything is bounded, so that no text costs more than linear time. */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  // Authorization: Bearer ..., also as JSON or in an assignment.
  {
    needs: /authorization/i,
    pattern:
      /(authorization["']?\s{0,8}[:=]\s{0,8}["']?(?:(?:bearer|basic|token|digest|negotiate|apikey)\s{1,8})?)([^\s"']{1,4096})/gi,
  },
  { needs: /cookie/i, pattern: /(\bcookie["']?\s{0,8}:\s{0,8}["']?)([^"'\r\n]{1,4096})/gi },
  { needs: /x-/i, pattern: /(\bx-[\w-]{0,64}(?:key|token|secret|auth)\s{0,8}:\s{0,8})([^\s"']{1,4096})/gi },
  { needs: /bearer/i, pattern: /(\bbearer\s{1,8})([\w.~+/=-]{16,4096})/gi },
  // scheme://user:secret@host
  { needs: /@/, pattern: /(:\/\/[^\s/:@?#"']{0,256}:)([^\s/"']{1,512})(?=@)/g },
  // name=secret, and name: secret with a space or quotes, since /etc/passwd:/etc/passwd is no secret.
  { needs: /=/, pattern: new RegExp(String.raw`(${NAME}["']?\s{0,8}=\s{0,8})${VALUE}`, 'gi') },
  {
    needs: /[a-z]["']?:[\s"']/i,
    pattern: new RegExp(String.raw`((?<!\/)${NAME}["']?:(?:\s{1,8}|\s{0,8}(?=["'])))${VALUE}`, 'gi'),
  },
  // MYSQL_PWD= and Pwd= of connection strings, not the working directory PWD=.
  { needs: /PWD|[Pp]wd/, pattern: new RegExp(String.raw`((?:_PWD|\b[Pp]wd)\s{0,8}=\s{0,8})${VALUE}`, 'g') },
  // openssl's pass:secret.
  { needs: /pass:/, pattern: /((?:^|[\s"'])pass:)([^\s"']{1,1024})/g },
]

/** What all of `SECRET_FORMS` have one of. */
export const MAY_HAVE_FORM =
  /gh[pousr]_|github_pat_|glpat-|xox|sk[-_]|AIza|npm_|hf_|A[KS]IA|eyJ|PRIVATE KEY|hooks\.slack|hvs\.|GOCSPX|dop_v1|shpat_|SG\.|[rs]k_live|AGE-SECRET/

/** Secrets that show by their own form. */
export const SECRET_FORMS =
  /\b(?:gh[pousr]_\w{30,255}|github_pat_\w{22,255}|glpat-[\w-]{20,64}|xox[abprs]-[\w-]{10,255}|sk-[\w-]{20,255}|[rs]k_live_\w{16,255}|(?<=hooks\.slack\.com\/services\/)[\w/]{16,255}|hvs\.[\w-]{20,255}|GOCSPX-[\w-]{20,64}|dop_v1_[0-9a-f]{64}|shpat_[0-9a-f]{32}|SG\.[\w-]{16,64}\.[\w-]{16,64}|AGE-SECRET-KEY-1[0-9A-Z]{40,64}|AIza[\w-]{35}|npm_\w{36}|hf_\w{30,64}|(?:AKIA|ASIA)[0-9A-Z]{16}|(?<!-)eyJ[\w-]{10,2048}\.[\w-]{10,4096}\.[\w-]{0,1024})|-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|$)/g
