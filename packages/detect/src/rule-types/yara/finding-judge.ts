import { join } from 'node:path'
import { compareSeverity, type Detection, type Event } from '@vedette/model'
import { loadTechniques } from '../../attack.ts'
import { type DetectionConfig, leastSeverityOf } from '../../config.ts'
import { detectionsOfFindings } from './detections.ts'

/** Turns the findings among some events into detections; other events it passes over. */
export type FindingJudge = (events: readonly Event[]) => Detection[]

/**
 * Makes the judge of findings that a configuration asks for: rules that are switched off, and those below the severity
 * that is asked for, raise no alert.
 *
 * @param content folder with `attack/techniques.json`
 */
export async function loadFindingJudge(config: DetectionConfig, content: string): Promise<FindingJudge> {
  const techniques = await loadTechniques(join(content, 'attack', 'techniques.json'))
  const disabled = new Set(config.disabled_rules)
  const least = leastSeverityOf(config.parameters.threat_sensitivity)
  return (events) =>
    detectionsOfFindings(events, {
      technique: (id) => techniques.get(id),
      disabled,
      wanted: ({ severity }) => compareSeverity(severity, least) >= 0,
    })
}
