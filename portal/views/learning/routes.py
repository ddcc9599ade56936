"""Learning: every URL."""

from __future__ import annotations

from portal.views.learning import courses, exams
from portal.web import form, get, post

ROUTES = [
    get("/learning", courses.learning, "learning"),
    get("/courses", courses.index, "courses"),
    form("/courses/new", courses.create, "course_new"),
    get("/courses/{id:int}", courses.show, "course"),
    form("/courses/{id:int}/edit", courses.edit, "course_edit"),
    post("/courses/{id:int}/publication", courses.publish, "course_publication"),
    post("/courses/{id:int}/archiving", courses.archive, "course_archiving"),
    post("/courses/{id:int}/restoring", courses.restore, "course_restoring"),
    form("/courses/{id:int}/lessons", courses.lessons, "course_lessons"),
    form("/courses/{id:int}/lessons/new", courses.add_lesson, "lesson_new"),
    post("/courses/{id:int}/enrolment", courses.enrol, "course_enrolment"),
    post("/courses/{id:int}/leaving", courses.leave, "course_leaving"),
    form("/courses/{id:int}/people", courses.people, "course_people"),
    post("/courses/{id:int}/exam", exams.create, "exam_new"),
    get("/lessons/{id:int}", courses.lesson, "lesson"),
    post("/lessons/{id:int}/completion", courses.complete, "lesson_completion"),
    post("/lessons/{id:int}/moving", courses.move, "lesson_moving"),
    post("/lessons/{id:int}/removal", courses.take_out, "lesson_removal"),
    post("/lessons/{id:int}/restoring", courses.put_back, "lesson_restoring"),
    post("/lessons/{id:int}/renewal", courses.bring_up_to_date, "lesson_renewal"),
    get("/exams/{id:int}", exams.show, "exam"),
    form("/exams/{id:int}/edit", exams.edit, "exam_edit"),
    form("/exams/{id:int}/release", exams.release, "exam_release"),
    get("/exams/{id:int}/questions", exams.questions, "exam_questions"),
    get("/exams/{id:int}/figures", exams.figures, "exam_figures"),
    post("/exams/{id:int}/drafts", exams.draft_questions, "exam_drafts"),
    form("/exams/{id:int}/questions/new", exams.create_question, "exam_question_new"),
    post("/exams/{id:int}/attempts", exams.begin, "attempt_new"),
    form("/exam-questions/{id:int}/edit", exams.edit_question, "exam_question_edit"),
    post("/exam-questions/{id:int}/use", exams.put_to_use, "exam_question_use"),
    post("/exam-questions/{id:int}/removal", exams.take_out, "exam_question_removal"),
    post("/exam-questions/{id:int}/check", exams.check, "exam_question_check"),
    get("/attempts/{id:int}", exams.attempt, "attempt"),
    post("/attempts/{id:int}/answers/{place:int}", exams.answer, "attempt_answer"),
    post("/attempts/{id:int}/handing-in", exams.hand_in, "attempt_handing_in"),
    get("/certificates", exams.certificates, "certificates"),
    get("/certificates/{id:int}", exams.certificate, "certificate"),
]
