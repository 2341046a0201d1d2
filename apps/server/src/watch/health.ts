import { statfs } from 'node:fs/promises'
import { type Clock, visible } from '@vedette/base'
import type { Book, HealthCheck, HealthStatus, HostUsage, TenantId } from '@vedette/model'
import type { Services } from '../services.ts'
import { viewHosts } from './host-view.ts'
import { count, grouped } from './words.ts'

type Finding = Omit<HealthCheck, 'name'>

/** One thing that is looked at; it may throw, which is unhealthy. */
interface Check {
  readonly name: string
  run(services: Services, tenant: TenantId): Promise<Finding>
}

const LOW_DISK_BYTES = 1 << 30
const FULL_DISK_BYTES = 256 << 20
/** Of the memory of a host, or of its disk, that is left. */
const LITTLE_LEFT = 0.05

const checks: readonly Check[] = [
  {
    name: 'event_store',
    run: ({ events, clock }) => answers(() => events.ping(), clock),
  },
  {
    name: 'state_store',
    run: ({ state, clock }) => answers(() => state.ping(), clock),
  },
  {
    name: 'audit_log',
    async run({ auditLog, auditWatch: { verdict }, audited }) {
      const value = String(auditLog.length)
      if (verdict?.ok === false) {
        return {
          status: 'unhealthy',
          value,
          message: `The audit log was altered: ${visible(verdict.fault.message)}`,
        }
      }
      return audited.failing
        ? {
            status: 'unhealthy',
            value,
            message: 'The audit log cannot be written: nothing that it must tell of is done',
          }
        : { status: 'healthy', value, message: `${count(auditLog.length, 'record')} in the audit log` }
    },
  },
  {
    name: 'rules',
    async run({ rules: { loaded, problems } }) {
      const value = String(loaded)
      if (loaded === 0)
        return { status: 'unhealthy', value, message: 'No rule is loaded: nothing would be detected' }
      if (problems.length === 0)
        return { status: 'healthy', value, message: `${count(loaded, 'rule')} loaded` }
      return {
        status: 'degraded',
        value,
        message: `${count(loaded, 'rule')} loaded; ${count(problems.length, 'fault')} in rule files`,
      }
    },
  },
  {
    name: 'indicators',
    async run({ indicators, feeds }, tenant) {
      const { loaded, indicators: known } = indicators.status(tenant)
      const value = String(known)
      if (!loaded) return { status: 'degraded', value, message: 'Indicators are still being read' }
      const failing = (await feeds.list(tenant)).filter(
        ({ settings, state }) => settings.enabled && state.failures > 1,
      )
      if (failing.length === 0)
        return { status: 'healthy', value, message: `${count(known, 'indicator')} in force` }
      const names = failing.slice(0, 5).map(({ settings }) => settings.name)
      return {
        status: 'degraded',
        value,
        message: `${count(failing.length, 'feed')} give nothing: ${names.join(', ')}`,
      }
    },
  },
  {
    name: 'agents',
    async run(services, tenant) {
      const hosts = await viewHosts(services, tenant)
      const silent = hosts.filter(({ state }) => state === 'silent').length
      const value = `${hosts.length - silent}/${hosts.length}`
      if (hosts.length === 0) return { status: 'degraded', value, message: 'No host has reported yet' }
      return silent === 0
        ? { status: 'healthy', value, message: `${count(hosts.length, 'host')} reporting` }
        : { status: 'degraded', value, message: `${count(silent, 'host')} silent` }
    },
  },
  {
    name: 'host_resources',
    async run(services, tenant) {
      const hosts = await viewHosts(services, tenant)
      const told = hosts.filter(({ state, host }) => state === 'reporting' && host.report.usage !== undefined)
      const short = told.filter(({ host }) => isShort(host.report.usage as HostUsage))
      const value = `${told.length - short.length}/${told.length}`
      if (short.length === 0) {
        return { status: 'healthy', value, message: `${count(told.length, 'host')} with room to work` }
      }
      return {
        status: 'degraded',
        value,
        message: `${count(short.length, 'host')} nearly out of memory or disk`,
      }
    },
  },
  {
    name: 'losses',
    async run(services, tenant) {
      const hosts = await viewHosts(services, tenant)
      const lost = hosts.reduce((sum, host) => sum + host.lost, 0)
      return lost === 0
        ? { status: 'healthy', value: '0', message: 'Nothing lost since the agents started' }
        : {
            status: 'degraded',
            value: String(lost),
            message: `${count(lost, 'event')} lost since the agents started`,
          }
    },
  },
  {
    name: 'books',
    async run(services, tenant) {
      const hosts = await viewHosts(services, tenant)
      const books = hosts.flatMap(({ host }) => host.report.books ?? [])
      const sum = (of: (book: Book) => number) => books.reduce((total, book) => total + of(book), 0)
      const difference = sum((book) => Math.abs(book.difference))
      const value = String(difference)
      const whole =
        `${count(
          sum(({ emitted }) => emitted),
          'record',
        )} and events seen = ` +
        `${grouped(sum(({ delivered }) => delivered))} handed on + ${grouped(sum(({ lost }) => lost))} lost + ` +
        `${grouped(sum(({ waiting }) => waiting))} on their way`
      return difference === 0
        ? { status: 'healthy', value, message: whole }
        : {
            status: 'degraded',
            value,
            message: `${grouped(difference)} missing that nobody counted as lost; ${whole}`,
          }
    },
  },
  {
    name: 'disk',
    async run({ home }) {
      const { bavail, bsize } = await statfs(home)
      const free = bavail * bsize
      const status = free < FULL_DISK_BYTES ? 'unhealthy' : free < LOW_DISK_BYTES ? 'degraded' : 'healthy'
      return { status, value: String(free), message: `${Math.floor(free / (1 << 20))} MiB free` }
    },
  },
]

/** A check that hangs is a finding, too. */
const CHECK_WITHIN_MS = 2000

/** Runs every check, all at once. */
export function checkAll(services: Services, tenant: TenantId): Promise<HealthCheck[]> {
  return Promise.all(checks.map((check) => runCheck(check, services, tenant)))
}

/** Runs one check; undefined when there is none of that name. */
export async function checkOne(
  services: Services,
  tenant: TenantId,
  name: string,
): Promise<HealthCheck | undefined> {
  const check = checks.find((check) => check.name === name)
  return check && runCheck(check, services, tenant)
}

/** The worst of them. */
export function overall(found: readonly HealthCheck[]): HealthStatus {
  if (found.some(({ status }) => status === 'unhealthy')) return 'unhealthy'
  return found.some(({ status }) => status === 'degraded') ? 'degraded' : 'healthy'
}

function isShort(usage: HostUsage): boolean {
  return (
    usage.memoryAvailableBytes < LITTLE_LEFT * usage.memoryTotalBytes ||
    usage.diskFreeBytes < LITTLE_LEFT * usage.diskTotalBytes
  )
}

async function runCheck(check: Check, services: Services, tenant: TenantId): Promise<HealthCheck> {
  const late = Promise.withResolvers<Finding>()
  const timer = setTimeout(
    () => late.resolve({ status: 'unhealthy', message: `No answer within ${CHECK_WITHIN_MS / 1000} s` }),
    CHECK_WITHIN_MS,
  )
  try {
    return { name: check.name, ...(await Promise.race([check.run(services, tenant), late.promise])) }
  } catch (error) {
    services.log.warn({ error, check: check.name }, 'health check failed')
    return { name: check.name, status: 'unhealthy', message: 'It does not answer' }
  } finally {
    clearTimeout(timer)
  }
}

async function answers(ping: () => Promise<void>, clock: Clock): Promise<Finding> {
  const start = clock.monotonic()
  await ping()
  const ms = (clock.monotonic() - start).toFixed(1)
  return { status: 'healthy', value: `${ms} ms`, message: `Answers in ${ms} ms` }
}
