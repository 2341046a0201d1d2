import { isJsonObject, type JsonKind, type JsonObject, type SourcedRecord } from './json-kind.ts'

/** Values inside values that are followed; deeper ones are left as the file has them. */
const MAX_DEPTH = 8
const UNKNOWN = {}

/**
 * OpenTelemetry's logs in JSON (OTLP 1.x, `LogsData`: OTLP/JSON files have one a line). Each log record is a record: the
 * attributes of resource, scope and record by their names, `body` as `message`, or, where it is a map, by its own names.
 */
export const otlpKind: JsonKind = {
  key: 'resourceLogs',
  read({ resourceLogs }) {
    if (!Array.isArray(resourceLogs)) return undefined
    const records: SourcedRecord[] = []
    for (const { resource, scopeLogs } of objectsOf(resourceLogs)) {
      const common = attributesOf(resource)
      for (const { logRecords } of objectsOf(scopeLogs)) {
        for (const log of objectsOf(logRecords))
          records.push({ record: recordOf(log, common), source: UNKNOWN })
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
