import { createHash } from 'node:crypto'

/** Called by a script that should not run. */
export const ALARM = 'vedettePwned'

const ESC = '\u001b'
const run = `${ALARM}()`

const markup = [
  `<script>${run}</script>`,
  `"><script>${run}</script>`,
  `</textarea><script>${run}</script>`,
  `</script><script>${run}</script>`,
  `<img src=x onerror=${run}>`,
  `<img src=x onerror="${run}">`,
  `'"><img src=x onerror=${run}>`,
  `<svg onload=${run}>`,
  `<svg><animate onbegin=${run} attributeName=x dur=1s>`,
  `<body onload=${run}>`,
  `<iframe srcdoc="<script>parent.${run}</script>">`,
  `<a href="javascript:${run}">x</a>`,
  `javascript:${run}`,
  `data:text/html,<script>${run}</script>`,
  `<details open ontoggle=${run}>`,
  `<math><mtext><img src onerror=${run}>`,
  `<input autofocus onfocus=${run}>`,
  `<style>@import 'http://198.51.100.9/x'</style>`,
  `<base href="http://198.51.100.9/">`,
  `<meta http-equiv=refresh content="0;url=javascript:${run}">`,
  `{{constructor.constructor('${run}')()}}`,
  `\${${run}}`,
  `"};${run};//`,
  `';${run};//`,
  `*/${run}/*`,
  `&lt;script&gt;${run}&lt;/script&gt;`,
  `\\u003cscript\\u003e${run}`,
  `__proto__`,
  `constructor`,
  `dangerouslySetInnerHTML`,
]

const cells = ['=', '+', '-', '@', '\t=', '\r='].flatMap((start) => [
  `${start}1+1`,
  `${start}HYPERLINK("http://198.51.100.9/","x")`,
  `${start}cmd|' /C calc'!A0`,
])

const lines = ['\n', '\r', '\r\n', '\u2028', '\u2029', '\u0085', '\u000b', '\u000c'].flatMap((end) => [
  `a${end}b`,
  `a${end}{"level":30,"msg":"forged"}`,
  `a${end}Nov 20 12:00:00 host sshd[1]: Accepted password for root`,
])

const orders = [
  `${ESC}[2J${ESC}[H`,
  `${ESC}]0;title\u0007`,
  `${ESC}]8;;http://198.51.100.9/${ESC}\\click${ESC}]8;;${ESC}\\`,
  `${ESC}[31mred`,
  `${ESC}c`,
  `${ESC}P+q${ESC}\\`,
  '\u009b2J',
  '\u009d0;title\u009c',
  '\u0007\u0008\u0008\u0008',
  'safe\u007f\u007f\u007f\u007fevil',
  '\u0000',
  'a\u0000b',
  '\u202egnp.exe',
  'a\u200bb',
  '\u2066x\u2069',
  '\ufeffx',
  '\u{e0041}\u{e0042}',
  '\ud800',
  'x\udfff',
]

const queries = [
  "' OR '1'='1",
  "'; DROP TABLE events; --",
  "\\'; DROP TABLE alerts; --",
  '"; DELETE FROM events WHERE 1; --',
  "') OR 1=1 --",
  "x'||(SELECT 1)||'",
  "') UNION ALL SELECT * FROM system.tables --",
  '{tenant:String}',
  '%',
  '_',
  '\\',
  '\\N',
  '$1',
  '?',
]

const commands = [
  '$(touch /tmp/vedette-pwned)',
  '`touch /tmp/vedette-pwned`',
  '; touch /tmp/vedette-pwned',
  '| touch /tmp/vedette-pwned',
  '&& touch /tmp/vedette-pwned',
  '\n touch /tmp/vedette-pwned',
  '--help',
  '-rf',
  '../../../../etc/passwd',
  '%n%n%n%s',
  '$IFS',
  '*',
  '~root',
]

const paths = [
  '//198.51.100.9/x',
  'file:///etc/passwd',
  'http://198.51.100.9/x.png',
  '![x](http://198.51.100.9/x.png)',
  '<!channel>',
  '<@U1>',
  '@everyone',
]

/** Texts as an attacker would choose them; the last ones are mixed of the others, the same for the same seed. */
export function payloads(seed: number, count: number): readonly string[] {
  const known = [...markup, ...cells, ...lines, ...orders, ...queries, ...commands, ...paths]
  // Of fewer than there are, some of each sort.
  const made = known.filter(
    (_text, index) =>
      count >= known.length ||
      Math.floor((index * count) / known.length) !== Math.floor(((index + 1) * count) / known.length),
  )
  for (let number = 0; made.length < count; number += 1) {
    const digest = createHash('sha256').update(`${seed} ${number}`).digest()
    const pick = (at: number) => known[digest.readUInt16BE(at) % known.length] ?? ''
    made.push(pick(0) + pick(2) + pick(4))
  }
  return made
}
