/** Kinds of encryption (IANA, Kerberos Parameters) by number. */
const CIPHERS: Readonly<Record<number, string>> = {
  0: 'null',
  1: 'des-cbc-crc',
  2: 'des-cbc-md4',
  3: 'des-cbc-md5',
  5: 'des3-cbc-md5',
  7: 'des3-cbc-sha1',
  16: 'des3-cbc-sha1-kd',
  17: 'aes128-cts-hmac-sha1-96',
  18: 'aes256-cts-hmac-sha1-96',
  19: 'aes128-cts-hmac-sha256-128',
  20: 'aes256-cts-hmac-sha384-192',
  23: 'rc4-hmac',
  24: 'rc4-hmac-exp',
  25: 'camellia128-cts-cmac',
  26: 'camellia256-cts-cmac',
  '-128': 'rc4-md4',
  '-133': 'rc4-hmac-old',
  '-135': 'rc4-hmac-old-exp',
}
/** RFC 6649, 8429: not to be used any more. */
const WEAK = new Set([0, 1, 2, 3, 5, 7, 16, 23, 24, -128, -133, -135])

export function cipherName(code: number): string {
  return CIPHERS[code] ?? String(code)
}

export function isWeak(code: number): boolean {
  return WEAK.has(code)
}

/** Errors (RFC 4120, 7.5.9) that tell something about who asks. */
const ERRORS: Readonly<Record<number, string>> = {
  0: 'KDC_ERR_NONE',
  1: 'KDC_ERR_NAME_EXP',
  2: 'KDC_ERR_SERVICE_EXP',
  3: 'KDC_ERR_BAD_PVNO',
  6: 'KDC_ERR_C_PRINCIPAL_UNKNOWN',
  7: 'KDC_ERR_S_PRINCIPAL_UNKNOWN',
  8: 'KDC_ERR_PRINCIPAL_NOT_UNIQUE',
  9: 'KDC_ERR_NULL_KEY',
  12: 'KDC_ERR_POLICY',
  13: 'KDC_ERR_BADOPTION',
  14: 'KDC_ERR_ETYPE_NOSUPP',
  15: 'KDC_ERR_SUMTYPE_NOSUPP',
  16: 'KDC_ERR_PADATA_TYPE_NOSUPP',
  18: 'KDC_ERR_CLIENT_REVOKED',
  20: 'KDC_ERR_TGT_REVOKED',
  23: 'KDC_ERR_KEY_EXPIRED',
  24: 'KDC_ERR_PREAUTH_FAILED',
  25: 'KDC_ERR_PREAUTH_REQUIRED',
  29: 'KDC_ERR_SVC_UNAVAILABLE',
  31: 'KRB_AP_ERR_BAD_INTEGRITY',
  32: 'KRB_AP_ERR_TKT_EXPIRED',
  33: 'KRB_AP_ERR_TKT_NYV',
  34: 'KRB_AP_ERR_REPEAT',
  37: 'KRB_AP_ERR_SKEW',
  41: 'KRB_AP_ERR_MODIFIED',
  52: 'KRB_ERR_RESPONSE_TOO_BIG',
  60: 'KRB_ERR_GENERIC',
  68: 'KDC_ERR_WRONG_REALM',
}

export function errorName(code: number): string {
  return ERRORS[code] ?? String(code)
}

/** Options of a request (RFC 4120, 5.4.1), by their bit from the left. */
const OPTIONS: Readonly<Record<number, string>> = {
  1: 'forwardable',
  2: 'forwarded',
  3: 'proxiable',
  4: 'proxy',
  5: 'allow-postdate',
  6: 'postdated',
  8: 'renewable',
  14: 'constrained-delegation',
  15: 'canonicalize',
  16: 'request-anonymous',
  26: 'disable-transited-check',
  27: 'renewable-ok',
  28: 'enc-tkt-in-skey',
  30: 'renew',
  31: 'validate',
}

export function optionNames(bits: number): string[] {
  return Object.entries(OPTIONS)
    .filter(([bit]) => (bits & (0x8000_0000 >>> Number(bit))) !== 0)
    .map(([, name]) => name)
}
