// What this package is for.
/**
 * Small charts as inline SVG: an interval on a line, scatters, timelines, curves.
 *
 * <p>Drawn here and not by a chart library, because those measure letters with the machine's fonts
 * (a bare server has none, and the bytes would differ from machine to machine) and paint fixed
 * colours, where these take the page's own and so turn dark with it. Written with the JDK's XML
 * writer, which escapes whatever a name contains; looks down on weights alone (names made visible).
 */
package io.lethe.report.chart;
