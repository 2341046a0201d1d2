import { readAddress, readRange, registeredDomain, specialPurpose, maskAddress } from '@vedette/formats'
import type { IndicatorType } from '@vedette/model'

/** Resolvers that everybody may ask, and roots of the name system. */
const addresses: Readonly<Record<string, string>> = {
  '1.1.1.1': 'resolver of Cloudflare',
  '1.0.0.1': 'resolver of Cloudflare',
  '8.8.8.8': 'resolver of Google',
  '8.8.4.4': 'resolver of Google',
  '9.9.9.9': 'resolver of Quad9',
  '149.112.112.112': 'resolver of Quad9',
  '208.67.222.222': 'resolver of OpenDNS',
  '208.67.220.220': 'resolver of OpenDNS',
  '94.140.14.14': 'resolver of AdGuard',
  '76.76.2.0': 'resolver of Control D',
  '2606:4700:4700::1111': 'resolver of Cloudflare',
  '2606:4700:4700::1001': 'resolver of Cloudflare',
  '2001:4860:4860::8888': 'resolver of Google',
  '2001:4860:4860::8844': 'resolver of Google',
  '2620:fe::fe': 'resolver of Quad9',
  '198.41.0.4': 'root of the name system',
  '199.9.14.201': 'root of the name system',
  '192.33.4.12': 'root of the name system',
  '199.7.91.13': 'root of the name system',
}

/** What honest machines ask all day; below each, the reason why somebody would miss it. */
const domains: Readonly<Record<string, readonly string[]>> = {
  'packages for this machine': [
    'debian.org',
    'ubuntu.com',
    'fedoraproject.org',
    'centos.org',
    'rockylinux.org',
    'almalinux.org',
    'redhat.com',
    'opensuse.org',
    'suse.com',
    'archlinux.org',
    'alpinelinux.org',
    'kernel.org',
    'canonical.com',
    'snapcraft.io',
    'flathub.org',
  ],
  'packages for programs': [
    'npmjs.org',
    'npmjs.com',
    'pypi.org',
    'pythonhosted.org',
    'crates.io',
    'rust-lang.org',
    'golang.org',
    'go.dev',
    'rubygems.org',
    'packagist.org',
    'maven.org',
    'apache.org',
    'nodejs.org',
    'docker.com',
    'docker.io',
    'quay.io',
    'ghcr.io',
    'k8s.io',
    'helm.sh',
  ],
  'a site that nearly everybody uses': [
    'google.com',
    'googleapis.com',
    'gstatic.com',
    'youtube.com',
    'github.com',
    'githubusercontent.com',
    'gitlab.com',
    'bitbucket.org',
    'microsoft.com',
    'windowsupdate.com',
    'office.com',
    'live.com',
    'apple.com',
    'icloud.com',
    'amazon.com',
    'cloudflare.com',
    'akamai.net',
    'fastly.net',
    'mozilla.org',
    'firefox.com',
    'wikipedia.org',
    'wikimedia.org',
    'facebook.com',
    'instagram.com',
    'linkedin.com',
    'x.com',
    'twitter.com',
    'whatsapp.com',
    'zoom.us',
    'slack.com',
    'letsencrypt.org',
    'digicert.com',
    'stackoverflow.com',
    'wordpress.org',
    'example.com',
    'example.org',
    'example.net',
  ],
}

/** Hashes of files that are empty: every feed has them once. */
const hashes = new Set([
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'd41d8cd98f00b204e9800998ecf8427e',
])

/** Programs without which no machine runs. */
const programs = new Set([
  'systemd',
  'init',
  'bash',
  'sh',
  'sshd',
  'cron',
  'dbus-daemon',
  'kworker',
  'python3',
  'node',
  'java',
  'nginx',
])

const ownerOf = new Map(
  Object.entries(domains).flatMap(([reason, names]) => names.map((name) => [name, reason])),
)
/** What everybody may put a file or a name below: a URL there may well be bad, the whole is not. */
const shared = new Set([
  'github.com',
  'githubusercontent.com',
  'gitlab.com',
  'bitbucket.org',
  'googleapis.com',
  'google.com',
  'akamai.net',
  'fastly.net',
])

/** Why an indicator is one that would raise alerts about honest machines. */
export interface Suspicion {
  readonly kind: 'special' | 'benign'
  /** `private`, `loopback`, `resolver of Quad9`, `a site that nearly everybody uses`. */
  readonly reason: string
}

/**
 * Whether an indicator names what honest machines use, or nobody at all: addresses that are private or reserved, open
 * resolvers, mirrors of packages, sites of everybody, the empty file.
 */
export function suspicionOf(type: IndicatorType, value: string): Suspicion | undefined {
  switch (type) {
    case 'ipv4':
    case 'ipv6':
    case 'cidr': {
      const purpose = specialPurpose(value)
      if (purpose !== undefined) return { kind: 'special', reason: purpose }
      const inside = Object.keys(addresses).find((address) => holds(value, address))
      return inside === undefined ? undefined : { kind: 'benign', reason: addresses[inside] ?? '' }
    }
    case 'domain':
    case 'domain_suffix':
    case 'registered_domain':
      return benignDomain(value)
    case 'url': {
      const url = URL.parse(value.startsWith('//') ? `http:${value}` : value)
      if (url === null) return undefined
      const purpose = specialPurpose(url.hostname.replace(/^\[|\]$/g, ''))
      if (purpose !== undefined) return { kind: 'special', reason: purpose }
      const registered = registeredDomain(url.hostname) ?? ''
      if (shared.has(registered) && url.pathname.length > 1) return undefined
      return benignDomain(url.hostname)
    }
    case 'sha256':
    case 'sha1':
    case 'md5':
      return hashes.has(value) ? { kind: 'benign', reason: 'the empty file' } : undefined
    case 'process_name':
      return programs.has(value) ? { kind: 'benign', reason: 'a program of every machine' } : undefined
    default:
      return undefined
  }
}

function benignDomain(name: string): Suspicion | undefined {
  const registered = registeredDomain(name)
  const reason =
    ownerOf.get(name) ??
    (registered !== undefined && !shared.has(registered) ? ownerOf.get(registered) : undefined)
  return reason === undefined ? undefined : { kind: 'benign', reason }
}

const words = new Uint32Array(4)
const asked = new Uint32Array(4)

function holds(range: string, address: string): boolean {
  const read = readRange(range, words)
  if (!read || readAddress(address, asked) !== read.family) return false
  maskAddress(read.family, asked, read.prefix)
  return words.every((word, k) => word === asked[k])
}
