import type { Scenario } from '../scenario.ts'

const consumerOutage: Scenario = {
  title: 'consumer away',
  flags: [
    '--pattern', 'constant',
    '--rate', '50',
    '--seconds', '1800',
    '--load', '0.5',
    '--producers', '1000',
    '--most-offers', '10000',
    '--preset', 'development',
    '--stalls', '300:300'
  ]
}

export default consumerOutage
