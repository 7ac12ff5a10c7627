// The concepts being erased: which one a step is about, its prompts, its latents.
package io.lethe.erase;

import io.lethe.evaluate.PromptForms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One concept is drawn for each step, so that erasing several is not erasing their joint prompt.
 */
final class ErasedConcepts {
  private final ErasureRequest request;
  private final PromptForms forms;
  private final UnetStudent student;

  ErasedConcepts(ErasureRequest request, PromptForms forms, UnetStudent student) {
    this.request = request;
    this.forms = forms;
    this.student = student;
  }

  /** The index of a concept, each as likely. */
  int choose() {
    return request.concepts().size() == 1
        ? 0
        : student.random().below("concept", request.concepts().size());
  }

  /** Whether this concept is taken out of another prompt. */
  boolean erasesFrom(int concept) {
    return !request.eraseFrom().isEmpty()
        && !request.eraseFrom().get(concept).equals(request.concepts().get(concept));
  }

  /** The prompt under which the student is trained, without a form around it. */
  private String prompt(int concept) {
    return request.eraseFrom().isEmpty()
        ? request.concepts().get(concept)
        : request.eraseFrom().get(concept);
  }

  /** Contexts of the trained prompt in n random forms. */
  List<float[]> prompts(int concept, int n) {
    List<float[]> contexts = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int form = forms.count() == 1 ? 0 : student.random().below("form", forms.count());
      contexts.add(student.contexts().get(forms.prompt(form, prompt(concept))));
    }
    return contexts;
  }

  /** The concept's own context, n times. */
  List<float[]> bare(int concept, int n) {
    List<float[]> contexts = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      contexts.add(student.contexts().get(request.concepts().get(concept)));
    }
    return contexts;
  }

  int[] repeat(int concept, int n) {
    int[] words = new int[n];
    Arrays.fill(words, concept);
    return words;
  }

  /** Latents under the trained prompts, one word a concept. */
  LatentSource latents(int trajectories) {
    List<String> prompts = new ArrayList<>();
    int[] fill = new int[request.concepts().size() * trajectories];
    for (int concept = 0; concept < request.concepts().size(); concept++) {
      prompts.add(prompt(concept));
      Arrays.fill(fill, concept * trajectories, (concept + 1) * trajectories, concept);
    }
    return student.latents("erase", prompts, fill, 1);
  }
}
