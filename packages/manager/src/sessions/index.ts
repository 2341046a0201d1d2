export { addEvent } from './event-sessions.ts'
export { type LoginSession, SessionList } from './login-session.ts'
export { readSessions } from './read-sessions.ts'
