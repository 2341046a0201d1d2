import { z } from 'zod'

const path = z.string().max(4095).startsWith('/', 'expected an absolute path')

/** What both ways to prevent the start of a program are told. */
export const preventionShape = {
  mode: z
    .enum(['off', 'observe', 'enforce'])
    .default('off')
    .describe(
      'observe: each program that would be stopped is told, and runs. enforce: it is stopped, and told',
    ),
  programs: z
    .array(path)
    .max(1000)
    .default([])
    .describe(
      'Files that are not to be run: each is known by its file, by whatever name it is started; they need not exist yet',
    ),
  never: z
    .array(path)
    .max(1000)
    .default([])
    .describe('Programs that are never stopped, whatever else is said; beside process 1 and Vedette itself'),
  off_file: path
    .default('/run/vedette/prevention-off')
    .describe(
      'While this file exists nothing is stopped: any shell can make it (`> FILE`), within a second it holds',
    ),
} as const

/** Programs without which a machine, or Vedette, cannot go on. */
export const neverStopped: readonly string[] = ['/proc/1/exe', '/sbin/init', process.execPath]
