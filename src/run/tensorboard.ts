/** TensorBoard's event files: records of `Event` messages (tensorflow/core/util/event.proto) in TFRecord frames. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  type Bytes,
  bytesField,
  concatBytes,
  doubleField,
  floatField,
  integerField,
} from '../encoding/protobuf.ts'
import { tfRecord } from '../encoding/tfrecord.ts'
import { appendToFile } from './write-file.ts'

/** Fields of `Event`. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 }
/** `SessionLog { status: START }`. */
const SESSION_START = [integerField(1, 1)]

/** Scalars by name. */
export type Scalars = Record<string, number>

/**
 * Begins an event file in a directory, in addition to any that are there already.
 *
 * @param step environment steps so far: what earlier files say about later steps is void, and TensorBoard hides it
 * @param seconds the time now, since 1970
 * @returns a function that adds scalars
 */
export function openEventFile(directory: string, step: number, seconds = Date.now() / 1000) {
  // TensorBoard takes files with `tfevents` in their name, in the order of their names.
  const name = ['events.out.tfevents', Math.floor(seconds), hostname(), process.pid, step].join('.')
  const path = join(directory, name)
  const add = (wallTime: number, ...fields: Bytes[]) => appendToFile(path, encodeEvent(wallTime, fields))
  add(seconds, bytesField(EVENT.fileVersion, 'brain.Event:2'))
  add(seconds, integerField(EVENT.step, step + 1), bytesField(EVENT.sessionLog, SESSION_START))

  /** `wallTime` in seconds since 1970. */
  return (at: number, scalars: Scalars, wallTime: number): void =>
    add(wallTime, integerField(EVENT.step, at), bytesField(EVENT.summary, encodeSummary(scalars)))
}

/** `Event`, as a record. */
const encodeEvent = (wallTime: number, fields: readonly Bytes[]): Bytes =>
  tfRecord(concatBytes([doubleField(EVENT.wallTime, wallTime), ...fields]))

/** `Summary`: a `Value { tag, simple_value }` for each scalar. */
const encodeSummary = (scalars: Scalars): Bytes[] =>
  Object.entries(scalars).map(([tag, value]) => bytesField(1, [bytesField(1, tag), floatField(2, value)]))
