import { inventoryTypes } from '@vedette/model'
import { z } from 'zod'

/** Section `collect.inventory` of the configuration. */
export const inventorySchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Whether it is counted up what is there on this host, and each difference told'),
  types: z
    .array(z.enum(inventoryTypes))
    .min(1)
    .default([...inventoryTypes])
    .describe('What is counted up'),
  interval_s: z
    .int()
    .min(5)
    .max(604_800)
    .default(1800)
    .describe('Pause between two looks, seconds; the first is at the start'),
  exclude: z
    .array(z.string().max(4095).startsWith('/', 'expected an absolute path'))
    .max(500)
    .default([
      '/var/lib/docker',
      '/var/lib/containerd',
      '/var/lib/containers',
      '/var/lib/lxc',
      '/var/lib/lxd',
      '/snap',
    ])
    .describe(
      'Folders in which setuid files are not looked for, such as those of containers, which have a root of their own',
    ),
  max_files: z
    .int()
    .min(1)
    .max(100_000_000)
    .default(2_000_000)
    .describe('Files among which setuid files are looked for, at most'),
  root: z
    .string()
    .max(4095)
    .startsWith('/', 'expected an absolute path')
    .default('/')
    .describe('Folder that stands for the root of the machine: an image that is mounted, for one'),
})

export type InventoryConfig = z.output<typeof inventorySchema>
