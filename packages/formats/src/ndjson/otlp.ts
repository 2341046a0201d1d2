import { isJsonObject, type JsonKind, type JsonObject, type SourcedRecord } from './json-kind.ts'

/** Values inside values that are followed; deeper ones are left as the file has them. */
const MAX_DEPTH = 8
const UNKNOWN = {}
/** Most characters of attributes that the records of one object share, each counted for every record that has it. */
const MAX_SHARED = 64 * 1024 ** 2

/**
 * OpenTelemetry's logs in JSON (OTLP 1.x, `LogsData`: OTLP/JSON files have one a line). Each log record is a record: the
 * attributes of resource and record by their names, `body` as `message`, or, where it is a map, by its own names. An
 * object whose shared attributes make it a thousand times larger is refused (`too-costly`).
 */
export const otlpKind: JsonKind = {
  key: 'resourceLogs',
  read({ resourceLogs }) {
    if (!Array.isArray(resourceLogs)) return undefined
    const records: SourcedRecord[] = []
    let shared = 0
    for (const { resource, scopeLogs } of objectsOf(resourceLogs)) {
      const common = attributesOf(resource)
      const commonLength = JSON.stringify(common).length
      for (const { logRecords } of objectsOf(scopeLogs)) {
        const logs = objectsOf(logRecords)
        shared += logs.length * commonLength
        if (shared > MAX_SHARED) return 'too-costly'
        for (const log of logs) records.push({ record: recordOf(log, common), source: UNKNOWN })
      }
    }
    return records
  },
}

function recordOf(log: JsonObject, common: JsonObject): JsonObject {
  const body = plain(log['body'], 0)
  const { timeUnixNano, observedTimeUnixNano, severityText, severityNumber, traceId, spanId, eventName } = log
  return {
    ...common,
    ...attributesOf(log),
    ...(isJsonObject(body) ? body : body !== undefined && { message: body }),
    ...present({
      timeUnixNano,
      observedTimeUnixNano,
      severityText,
      severityNumber,
      traceId,
      spanId,
      eventName,
    }),
  }
}

function present(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

function attributesOf(holder: unknown): JsonObject {
  return isJsonObject(holder) ? keyValues(holder['attributes'], 0) : {}
}

function keyValues(list: unknown, depth: number): JsonObject {
  return Object.fromEntries(
    objectsOf(list).flatMap(({ key, value }) =>
      typeof key === 'string' ? [[key, plain(value, depth)]] : [],
    ),
  )
}

/** The value inside an `AnyValue`. */
function plain(value: unknown, depth: number): unknown {
  if (!isJsonObject(value) || depth > MAX_DEPTH) return value
  const { stringValue, intValue, doubleValue, boolValue, bytesValue, arrayValue, kvlistValue } = value
  if (isJsonObject(kvlistValue)) return keyValues(kvlistValue['values'], depth + 1)
  if (isJsonObject(arrayValue)) return objectsOf(arrayValue['values']).map((item) => plain(item, depth + 1))
  return stringValue ?? intValue ?? doubleValue ?? boolValue ?? bytesValue
}
