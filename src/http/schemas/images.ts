// Shapes of products' pictures.

import { z } from 'zod'
import { IMAGE_SIZES, MAX_ALT_CHARS, MAX_IMAGES } from '../../domain/catalogue/picture.ts'
import { changes, id } from './common.ts'

export const imageParams = z.strictObject({ id, imageId: id })

export const imageShape = z
  .object({
    id,
    url: z.string(),
    thumbnailUrl: z.string(),
    alt: z.string(),
    position: z.number().int(),
    width: z.number().int(),
    height: z.number().int(),
  })
  .meta({ id: 'ProductImage' })
export const imageAnswer = z.object({ image: imageShape })

const alt = z.string().max(MAX_ALT_CHARS).meta({ description: 'What the picture shows, for those who do not see it.' })

export const imageForm = z.strictObject({
  image: z.string().meta({
    format: 'binary',
    description: 'The file, also as `file`: JPEG, PNG or WebP, told by its content, at most MAX_FILE_SIZE.',
  }),
  alt: alt.optional(),
})
export const imagePatch = changes({
  alt,
  position: z
    .number()
    .int()
    .min(0)
    .max(MAX_IMAGES)
    .meta({ description: 'Its place among the pictures; 0 is the first, which lists show.' }),
})
export const imageQuery = z.strictObject({ size: z.enum(IMAGE_SIZES).default('full') })
