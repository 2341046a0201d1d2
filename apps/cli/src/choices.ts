/** Severities as an option takes them; the order of the model. Written out so that `--help` need not load the model. */
export const severityChoices = ['informational', 'low', 'medium', 'high', 'critical']

/** Kinds of events, likewise. */
export const eventKindChoices = [
  'process',
  'network',
  'file',
  'authentication',
  'account',
  'log',
  'finding',
  'system',
  'protocol',
  'usage',
  'inventory',
  'sensor',
]

/** Roles, likewise. */
export const roleChoices = ['viewer', 'analyst', 'responder', 'engineer', 'admin', 'auditor']
