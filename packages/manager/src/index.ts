export { type Bus, createBus, type Topics } from './bus.ts'
export { createIntake, type Delivery, type Intake, type IntakeOptions } from './intake.ts'
