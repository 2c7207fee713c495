import type { Scenario } from '../scenario.ts'

const consumerOutage: Scenario = {
  title: 'consumer away',
  flags: [
    '--pattern', 'constant',
    '--rate', '40',
    '--seconds', '1500',
    '--load', '0.5',
    '--producers', '1000',
    '--most-offers', '10000',
    '--preset', 'development',
    '--stalls', '300:300'
  ]
}

export default consumerOutage
