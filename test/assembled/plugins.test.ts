import { runTogether } from './run-together.ts'

await runTogether('test/{plugins/{cross-origin,openapi/*,job-browser,operator-access,prepared-answers,unrouted},server/*}.test.ts')
