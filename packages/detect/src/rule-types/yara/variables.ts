/** Variables that Vedette sets for each file; rules use them without declaring them. */
export const fileVariables = ['filename', 'filepath', 'extension', 'filetype', 'owner'] as const

/** Value of an external variable. */
export type External = string | number | boolean
