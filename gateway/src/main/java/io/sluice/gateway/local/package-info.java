/** Local runs, with everything embedded. The only package that knows the embedded parts. */
@NullMarked
package io.sluice.gateway.local;

import org.jspecify.annotations.NullMarked;
