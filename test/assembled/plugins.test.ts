import { runTogether } from './run-together.ts'

await runTogether('test/{plugins/{cross-origin,openapi/*,job-browser,operator-access,ports,prepared-answers,producers,unrouted},server/*}.test.ts')
