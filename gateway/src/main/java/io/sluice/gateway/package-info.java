/** The process. What it consists of is in the packages beneath. */
@NullMarked
package io.sluice.gateway;

import org.jspecify.annotations.NullMarked;
