import type { Scenario } from '../scenario.ts'

const poison: Scenario = {
  title: 'poison events',
  flags: ['--pattern', 'constant', '--rate', '25', '--seconds', '1200', '--service-times', 'poison']
}

export default poison
