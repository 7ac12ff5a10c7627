// The table of cases that every backend must meet.
package io.lethe.backend;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** All cases, by family. */
final class Cases {
  private Cases() {}

  static List<BackendContractCase> all() {
    List<BackendContractCase> cases = new ArrayList<>();
    CasesMatrix.addTo(cases);
    CasesConvolution.addTo(cases);
    CasesNormalization.addTo(cases);
    CasesAttention.addTo(cases);
    CasesPointwise.addTo(cases);
    CasesSums.addTo(cases);
    CasesMovement.addTo(cases);
    CasesLosses.addTo(cases);
    return cases;
  }

  /** Those asked for by {@code -Dlethe.case}, or all. */
  static List<BackendContractCase> chosen() {
    String wanted = System.getProperty("lethe.case");
    if (wanted == null) {
      return all();
    }
    return all().stream().filter(c -> Pattern.matches(wanted, c.descriptor())).toList();
  }

  /** For each method the smallest of its cases whose first operand has some room. */
  static List<BackendContractCase> oneOfEachMethod() {
    Map<String, BackendContractCase> smallest = new LinkedHashMap<>();
    Map<String, Integer> sizes = new HashMap<>();
    for (BackendContractCase unit : all()) {
      int size = unit.prepare().get().operands.get(0).values().length;
      if (size > 32 && size < sizes.getOrDefault(unit.method(), Integer.MAX_VALUE)) {
        sizes.put(unit.method(), size);
        smallest.put(unit.method(), unit);
      }
    }
    return List.copyOf(smallest.values());
  }
}
