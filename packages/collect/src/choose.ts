import { CodedError } from '@vedette/base'
import type { BlindSpot } from '@vedette/model'
import type { Collector, CollectorContext, CollectorKind } from './collector.ts'
import { audit } from './collectors/audit/index.ts'
import { fanotify } from './collectors/fanotify/index.ts'
import { ebpf } from './collectors/ebpf/index.ts'
import { procEvents } from './collectors/proc-events/index.ts'
import { procPoll } from './collectors/proc-poll/index.ts'
import { type CollectConfig, sectionOf } from './config.ts'
import { PairedCollector } from './kernel/paired-collector.ts'

/** Collectors that watch processes, connections and files, best first. One of them runs. */
export const kernelCollectors: readonly CollectorKind[] = [ebpf, audit, procEvents, procPoll]

/** What tells of watched files beside those of them that would compare files on a timer. */
export const fileCollectors: readonly CollectorKind[] = [fanotify]

/** The one that runs, and why no better one does. */
export interface ChosenCollector {
  readonly collector: Collector
  /** One for each better collector that cannot be used here. What the chosen one cannot see, it tells itself. */
  readonly passedOver: readonly BlindSpot[]
}

/**
 * Opens the best kernel collector that works on this host for this user, or the one that the configuration names.
 *
 * @throws {CodedError} `collector-unusable` when the named one, or none at all, can be used; the message has the reasons
 */
export async function chooseKernelCollector(
  config: CollectConfig,
  context: CollectorContext,
): Promise<ChosenCollector> {
  const passedOver: BlindSpot[] = []
  for (const kind of kernelCollectors) {
    if (config.kernel !== 'auto' && config.kernel !== kind.name) continue
    const section = sectionOf(config, kind.name)
    const probe = await kind.probe(section)
    if (!probe.usable) {
      // Several may fail for one reason.
      if (!passedOver.some(({ message }) => message === probe.reason.message)) passedOver.push(probe.reason)
      continue
    }
    try {
      return await openWithFiles(kind, section, config, context, passedOver)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      context.log.warn({ collector: kind.name, error }, 'collector could not be opened')
      passedOver.push({
        code: `${kind.name}-failed`,
        message: `Collector ${kind.name} could not be opened: ${reason}`,
      })
    }
  }
  const reasons = passedOver.map(({ message }) => message).join('; ')
  const name =
    config.kernel === 'auto'
      ? 'No kernel collector can be used:'
      : `Collector ${config.kernel} cannot be used:`
  throw new CodedError('collector-unusable', `${name} ${reasons}`)
}

/** Opens it, where it would compare files on a timer together with the first that tells of them as it happens. */
async function openWithFiles(
  kind: CollectorKind,
  section: unknown,
  config: CollectConfig,
  context: CollectorContext,
  passedOver: readonly BlindSpot[],
): Promise<ChosenCollector> {
  if (kind.sees?.byLooking.includes('file') !== true)
    return { collector: await kind.open(section, context), passedOver }
  const reasons: BlindSpot[] = []
  for (const beside of fileCollectors) {
    const { watch_paths: paths } = section as { readonly watch_paths: readonly string[] }
    const own = sectionOf(config, beside.name) as { readonly watch_paths: readonly string[] }
    const merged = { ...own, watch_paths: [...paths, ...own.watch_paths] }
    const probe = await beside.probe(merged)
    if (!probe.usable) {
      reasons.push(probe.reason)
      continue
    }
    const kernel = await kind.open({ ...(section as object), watch_paths: [] }, context)
    try {
      const files = await beside.open(merged, context)
      return { collector: new PairedCollector(kernel, files), passedOver }
    } catch (error) {
      await kernel[Symbol.asyncDispose]()
      context.log.warn({ collector: beside.name, error }, 'collector could not be opened')
      const message = error instanceof Error ? error.message : String(error)
      reasons.push({ code: `${beside.name}-failed`, message })
    }
  }
  const others = reasons.filter(({ message }) => !passedOver.some((other) => other.message === message))
  return { collector: await kind.open(section, context), passedOver: [...passedOver, ...others] }
}
