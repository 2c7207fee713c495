import { runTogether } from './run-together.ts'

await runTogether('test/{bench,rig}/**/!(metered-service).test.ts')
