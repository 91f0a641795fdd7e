// Shapes of catalogue files on their way in and out. The columns are domain/catalogue/csv-columns.ts.

import { z } from 'zod'
import { COLUMNS } from '../../domain/catalogue/csv-columns.ts'
import { PRODUCT_STATUSES } from '../../domain/catalogue/product.ts'
import { flag } from './common.ts'

export const importQuery = z.strictObject({
  dryRun: flag.optional().meta({ description: 'Only says what would happen. Do this first.' }),
  skipErrors: flag.optional().meta({
    description:
      'Carries out what is right and leaves out products with a wrong row. Without it one wrong row stops all.',
  }),
})

export const importForm = z.strictObject({
  file: z.string().meta({
    format: 'binary',
    description: `The table, as a form's file or as the whole body. Its first row names the columns: ${COLUMNS.join(', ')}, and \`option:…\`.`,
  }),
})

const place = z.object({ column: z.string().nullable(), code: z.string(), message: z.string() })

const importOutcome = z
  .object({
    dryRun: z.boolean(),
    written: z.boolean().meta({ description: 'Something was changed.' }),
    rows: z.number().int(),
    created: z.number().int().meta({ description: 'Rows that are new variants.' }),
    updated: z.number().int(),
    unchanged: z.number().int(),
    failed: z.number().int(),
    skipped: z.number().int().meta({ description: 'Rows that are right, of a product with a wrong row.' }),
    newCategories: z.array(z.string()),
    results: z
      .array(
        z.object({
          line: z.number().int().meta({ description: 'In the file; the header is line 1.' }),
          sku: z.string(),
          action: z.enum(['create', 'update', 'failed', 'skipped']),
          changes: z.array(z.string()).meta({ description: 'Columns that differ from what is there.' }),
          errors: z.array(place),
          notes: z.array(place),
        }),
      )
      .meta({ description: 'Without rows that change nothing; when something was written, only what was left out.' }),
  })
  .meta({ id: 'Import' })
export const importAnswer = z.object({ import: importOutcome })
export type ImportView = z.infer<typeof importOutcome>

export const exportQuery = z.strictObject({
  status: z.enum(PRODUCT_STATUSES).optional().meta({ description: 'Products of this status; all when left out.' }),
})
